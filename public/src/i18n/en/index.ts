import account from "./account.ts";
import cart from "./cart.ts";
import catalog from "./catalog.ts";
import common from "./common.ts";
import order from "./order.ts";

export default { ...common, ...catalog, ...cart, ...order, ...account };
