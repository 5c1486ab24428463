/** For tests that read the front end's table of routes; `vue-tsc` checks the components themselves. */
declare module "*.vue" {
  import type { Component } from "vue";
  const component: Component;
  export default component;
}
