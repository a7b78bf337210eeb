import tseslint from 'typescript-eslint';

const browserGlobals = ['document', 'window', 'navigator'];

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'out/',
      '.cache/',
      'node_modules/',
      'native/',
      '**/generated/',
      '**/*.mjs',
      '*.cjs',
      '**/page/**/*.js',
    ],
  },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: { project: ['./tsconfig.json', './webview/tsconfig.json'] },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksConditionals: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'error',
      eqeqeq: 'error',
      'max-lines': ['error', 500],
      'no-restricted-globals': ['error', 'name', 'event'],
    },
  },
  {
    files: ['extension/**/*.ts'],
    rules: { 'no-restricted-globals': ['error', ...browserGlobals] },
  },
);
