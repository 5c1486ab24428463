import js from "@eslint/js";
import prettier from "eslint-config-prettier/flat";
import { defineConfig, globalIgnores } from "eslint/config";
import vue from "eslint-plugin-vue";
import globals from "globals";
import tseslint from "typescript-eslint";
import vueParser from "vue-eslint-parser";

const errorClass = "/^(?!Error$).*Error$/";

const errorsByType = [
  `BinaryExpression[operator='instanceof'][right.name=${errorClass}]`,
  `BinaryExpression[operator='instanceof'] > MemberExpression.right[property.name=${errorClass}]`,
].map((selector) => ({ selector, message: "Classes do not cross nodes: tell errors apart by `type`." }));

const environmentOnce = [
  "MemberExpression[object.name='process'][property.name='env']",
  "VariableDeclarator[init.name='process'] Property[key.name='env']",
  "ImportDeclaration[source.value='node:process'] ImportSpecifier[imported.name='env']",
].map((selector) => ({ selector, message: "The environment is read once, in moleculer.config.ts." }));

const clockAndIds = [
  "CallExpression[callee.object.name='Date'][callee.property.name='now']",
  "NewExpression[callee.name='Date'][arguments.length=0]",
  "CallExpression[callee.object.name='Math'][callee.property.name='random']",
  "CallExpression[callee.name='randomUUID']",
  "CallExpression[callee.property.name='randomUUID']",
].map((selector) => ({ selector, message: "Time comes from this.clock and ids from this.newId()." }));

const typed = {
  languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
  rules: {
    "@typescript-eslint/await-thenable": "error",
    "@typescript-eslint/no-floating-promises": "error",
    "@typescript-eslint/no-misused-promises": "error",
    "@typescript-eslint/no-unnecessary-type-assertion": "error",
    "@typescript-eslint/only-throw-error": "error",
    "@typescript-eslint/prefer-promise-reject-errors": "error",
    "@typescript-eslint/switch-exhaustiveness-check": [
      "error",
      { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: false },
    ],
  },
};

export default defineConfig(
  globalIgnores(["node_modules", "public/dist", "public/dist-server", "coverage", "data", "client"]),
  js.configs.recommended,
  {
    rules: {
      eqeqeq: ["error", "always", { null: "ignore" }],
      "max-lines": ["error", 250],
      "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
      "no-console": "error",
      "no-restricted-syntax": ["error", ...errorsByType, ...environmentOnce],
      "object-shorthand": "error",
      "prefer-template": "error",
    },
  },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strict, typed],
    languageOptions: { globals: globals.node },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-confusing-non-null-assertion": "error",
      "@typescript-eslint/no-empty-object-type": ["error", { allowInterfaces: "with-single-extends" }],
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_", ignoreRestSiblings: true },
      ],
    },
  },
  {
    files: ["**/*.{js,mjs,cjs}"],
    languageOptions: { globals: globals.node },
  },
  {
    files: ["services/*/**/*.ts"],
    rules: {
      "no-restricted-syntax": ["error", ...errorsByType, ...environmentOnce, ...clockAndIds],
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              regex: "^\\.\\./(?!\\.\\.)[^/]+/(?!.*\\.contract\\.ts$)",
              message:
                "Another actor is reached by ctx.call or an event; only its contract's types may be imported.",
            },
          ],
        },
      ],
    },
  },
  {
    // A contract is a table: one entry for each action, nothing to take apart.
    files: ["services/*/*.contract.ts"],
    rules: { "max-lines": ["error", 450] },
  },
  {
    files: ["moleculer.config.ts", "scripts/**", "bench/**", "test/**", ".ci/**", "**/*.config.*"],
    rules: { "no-restricted-syntax": ["error", ...errorsByType], "no-console": "off" },
  },
  {
    files: ["test/**"],
    languageOptions: { globals: globals.mocha },
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-unused-expressions": "off",
      "max-lines": "off",
      "max-lines-per-function": "off",
    },
  },
  vue.configs["flat/recommended"],
  {
    files: ["public/src/**/*.{ts,vue}"],
    languageOptions: { globals: globals.browser },
  },
  {
    // A composable or a store holds many small functions in one.
    files: ["public/src/{stores,composables}/**"],
    rules: { "max-lines-per-function": ["error", { max: 140, skipBlankLines: true, skipComments: true }] },
  },
  {
    files: ["**/*.vue"],
    extends: [tseslint.configs.strict],
    languageOptions: { parser: vueParser, parserOptions: { parser: tseslint.parser } },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      // Types are checked by vue-tsc.
      "no-undef": "off",
      "vue/block-lang": ["error", { script: { lang: "ts" } }],
      "vue/no-v-html": "error",
      "vue/require-default-prop": "off",
    },
  },
  prettier,
);
