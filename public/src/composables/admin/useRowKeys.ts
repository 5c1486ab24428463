import { useEventListener } from "@vueuse/core";
import { nextTick, ref, watch, type Ref } from "vue";
import type { Table } from "./useTable.ts";
import { isTyping, shortcutsOn } from "./useShortcuts.ts";

const inRow = "a[href], button:not([disabled]), summary, select, input";

/** Rows are walked with the arrows, opened with Enter; the pages turn with Page Up and Page Down; `/` leads to the filters. */
export function useRowKeys(root: Ref<HTMLElement | undefined>, rows: () => number, table?: Table) {
  const active = ref(0);
  watch(rows, (count) => (active.value = Math.min(active.value, Math.max(0, count - 1))));

  const rowAt = (index: number): HTMLElement | undefined =>
    root.value?.querySelectorAll<HTMLElement>("tr[data-row]")[index];
  const go = (index: number): void => {
    active.value = Math.max(0, Math.min(index, rows() - 1));
    void nextTick(() => rowAt(active.value)?.focus());
  };
  const turn = (forward: boolean): void => {
    if (forward && table?.hasNext.value) table.next();
    else if (!forward && table?.hasPrevious.value) table.previous();
    else return;
    go(0);
  };
  const moves: Record<string, () => void> = {
    ArrowDown: () => go(active.value + 1),
    ArrowUp: () => go(active.value - 1),
    Home: () => go(0),
    End: () => go(rows() - 1),
    PageDown: () => turn(true),
    PageUp: () => turn(false),
    Enter: () => rowAt(active.value)?.querySelector<HTMLElement>(inRow)?.click(),
  };
  const letters: Record<string, string> = { j: "ArrowDown", k: "ArrowUp" };

  const onRowKey = (event: KeyboardEvent): void => {
    // Keys pressed in a link or a field of the row are its own.
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const move = moves[(shortcutsOn.value ? letters[event.key] : undefined) ?? event.key];
    if (!move) return;
    event.preventDefault();
    move();
  };
  useEventListener("keydown", (event: KeyboardEvent) => {
    if (event.key !== "/" || !shortcutsOn.value || isTyping(event)) return;
    const field = root.value?.querySelector<HTMLElement>("[data-filters] input, [data-filters] select");
    if (!field) return;
    event.preventDefault();
    field.focus();
  });
  /** From the filters into the list. */
  const onFilterKey = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" && !(event.key === "Enter" && event.target instanceof HTMLInputElement))
      return;
    event.preventDefault();
    go(0);
  };
  return { active, onRowKey, onFilterKey };
}
