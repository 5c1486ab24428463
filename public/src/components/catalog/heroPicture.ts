export const heroPicture = "/pictures/enamelled-casserole.svg";
