import { ref } from "vue";

export interface Toast {
  id: number;
  text: string;
  action?: { label: string; run: () => void };
}

const shown = ref<Toast[]>([]);
let next = 1;
const STAYS_MS = 6000;

/** Short messages that go by themselves; read out by screen readers. */
export function useToast() {
  const dismiss = (id: number): void => {
    shown.value = shown.value.filter((toast) => toast.id !== id);
  };
  const show = (text: string, action?: Toast["action"]): void => {
    const id = next++;
    shown.value = [...shown.value.slice(-1), { id, text, action }];
    setTimeout(() => dismiss(id), STAYS_MS);
  };
  return { shown, show, dismiss };
}
