import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import vue from "@vitejs/plugin-vue";
import { defineConfig, type Plugin } from "vite";
import { inlineStyle } from "./inlineStyle.ts";
import { precompress } from "./precompress.ts";

/**
 * vue-i18n asks the whole of Vue for an export by a computed name, which keeps every part of Vue in the bundle.
 * Vue 3.5 has no such export: the other branch is the one that runs.
 */
const onlyWhatIsUsed: Plugin = {
  name: "only-what-is-used",
  transform: {
    filter: { id: /vue-i18n\/dist\/vue-i18n\.mjs$/ },
    handler: (code) => code.replace("if (key in Vue) {", "if (false) {").replace("return Vue[key];", ""),
  },
};

/** What every page of the shop needs comes as two files, not as twenty. */
const groups = [
  { name: "vendor", test: /node_modules\/(@?vue|@intlify|pinia|@pinia|@vueuse)/ },
  {
    name: "shop",
    test: /src\/(api|stores|firstPage|app\.ts|composables\/listing|i18n\/(index|en)|components\/(base\/Base(Icon|Problem|Stars)|catalog\/Product(Card|Grid)|shell\/(Pref|Search|Shop))|composables\/use(Cat|Format|Problem|Sugg|Title|Toast))/,
  },
];

/** The front end: sources in `public/src`, built into `public/dist`, which the gateway serves. */
export default defineConfig(({ isSsrBuild }) => ({
  root: fileURLToPath(new URL(".", import.meta.url)),
  publicDir: "static",
  plugins: [onlyWhatIsUsed, vue(), tailwindcss(), ...(isSsrBuild ? [] : [inlineStyle(), precompress()])],
  define: {
    ...(isSsrBuild && { "process.env.NODE_ENV": JSON.stringify("production") }),
    __VUE_OPTIONS_API__: "false",
    __VUE_PROD_DEVTOOLS__: "false",
    __VUE_I18N_FULL_INSTALL__: "false",
    __VUE_I18N_LEGACY_API__: "false",
    __INTLIFY_PROD_DEVTOOLS__: "false",
  },
  // The gateway's bundle stands alone: a running store has no front-end packages.
  ssr: { noExternal: true, resolve: { conditions: ["module", "production"] } },
  build: {
    outDir: isSsrBuild ? "dist-server" : "dist",
    emptyOutDir: true,
    copyPublicDir: !isSsrBuild,
    manifest: !isSsrBuild,
    // The page's policy allows nothing inline: no `data:` addresses, no polyfill in the page.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    rolldownOptions: {
      output: isSsrBuild ? {} : { codeSplitting: { groups } },
    },
  },
}));
