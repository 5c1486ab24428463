import mails from "./001-mails.ts";

export default [mails];
