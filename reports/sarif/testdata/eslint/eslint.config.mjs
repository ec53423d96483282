export default [
  {
    rules: {
      "no-unused-vars": "warn",
      "no-undef": "error",
      "no-cond-assign": "error",
      "no-debugger": "error",
      "no-var": "warn",
    },
  },
];
