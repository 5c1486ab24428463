import { useI18n } from "vue-i18n";
import { useCartStore } from "../stores/cart.ts";
import { useProblem } from "./useProblem.ts";
import { useToast } from "./useToast.ts";

/** Puts something into the basket and says so; a refusal stays to be shown beside the button. */
export function useAddToCart() {
  const { t } = useI18n();
  const cart = useCartStore();
  const { show } = useToast();
  const { words, guard, clear } = useProblem();

  const add = async (sku: string, quantity: number, name: string): Promise<void> => {
    const went = await guard(() => cart.add(sku, quantity));
    if (!went) return;
    show(t("product.added", { name }), {
      label: t("product.viewBasket"),
      run: () => {
        cart.drawerOpen = true;
      },
    });
  };
  return { add, words, guard, clear };
}
