import { notFound, unauthenticated } from "../../contract/errors.ts";
import type { Handler } from "../../contract/implement.ts";
import { sql } from "../../mixins/sql.ts";
import type contract from "./users.contract.ts";
import { customerOf, type UsersActor } from "./users.actor.ts";
import { tooManyWishes } from "./users.errors.ts";
import { lockUser } from "./users.model.ts";

const most = 500;

interface WishRow {
  product_id: string;
  added_at: string;
}
const toWish = (row: WishRow) => ({ productId: row.product_id, addedAt: row.added_at });

export const wishlist: Handler<typeof contract, "wishlist", UsersActor> = async function (ctx) {
  const rows = await this.store.read.all<WishRow>(sql`
    select product_id, added_at from wishes where user_id = ${customerOf(ctx).id}
    order by added_at desc, product_id`);
  return { data: rows.map(toWish) };
};

export const addToWishlist: Handler<typeof contract, "addToWishlist", UsersActor> = async function (ctx) {
  const { id } = customerOf(ctx);
  const { productId } = ctx.params;
  if ((await ctx.call("products.exists", { ids: [productId] })).length === 0) throw notFound("product");
  const row = await this.store.write(async (tx) => {
    if (!(await lockUser(tx, id))) throw unauthenticated();
    const rows = await tx.all<WishRow>(sql`select product_id, added_at from wishes where user_id = ${id}`);
    const known = rows.find((one) => one.product_id === productId);
    if (known) return known;
    if (rows.length >= most) throw tooManyWishes(most);
    const fresh = { product_id: productId, added_at: this.timestamp() };
    await tx.insert("wishes", { user_id: "text", product_id: "text", added_at: "text" }, [
      { user_id: id, ...fresh },
    ]);
    return fresh;
  });
  return toWish(row);
};

export const removeFromWishlist: Handler<typeof contract, "removeFromWishlist", UsersActor> = async function (
  ctx,
) {
  const { id } = customerOf(ctx);
  await this.store.write((tx) =>
    tx.run(sql`delete from wishes where user_id = ${id} and product_id = ${ctx.params.productId}`),
  );
  return null;
};
