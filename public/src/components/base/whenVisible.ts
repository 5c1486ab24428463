import { defineAsyncComponent, hydrateOnVisible, type Component } from "vue";

/**
 * A part below the first screen. Its markup is there from the start; it comes to life when it is scrolled near, so that
 * the first screen answers sooner.
 */
export const whenVisible = <C extends Component>(component: C): C =>
  defineAsyncComponent({
    loader: () => Promise.resolve(component),
    hydrate: hydrateOnVisible({ rootMargin: "400px" }),
  });
