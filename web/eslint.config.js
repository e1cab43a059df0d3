import { readdirSync } from 'node:fs';
import pluginQuery from '@tanstack/eslint-plugin-query';
import importX from 'eslint-plugin-import-x';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import jsxA11y from 'eslint-plugin-jsx-a11y';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const features = readdirSync('./src/features', { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

const visibleText = [
  {
    selector: 'JSXText[value=/[A-Za-z]{2,}/]',
    message: 'Visible text belongs in the feature’s messages.ts.',
  },
  {
    selector:
      'JSXAttribute[name.name=/^(aria-label|placeholder|title|alt|label|help)$/] > Literal[value=/[A-Za-z]{2,}/]',
    message: 'Visible text belongs in the feature’s messages.ts.',
  },
];

export default tseslint.config(
  { ignores: ['dist', '.cache', 'src/api/schema.ts'] },
  {
    files: ['src/**/*.{ts,tsx}', 'vite.config.ts', 'vite.charts.config.ts'],
    extends: [
      ...tseslint.configs.strictTypeChecked,
      ...pluginQuery.configs['flat/recommended'],
      jsxA11y.flatConfigs.recommended,
    ],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    plugins: { 'import-x': importX, 'react-hooks': reactHooks },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver()] },
    rules: {
      complexity: ['error', 10],
      'max-statements': ['error', 40],
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error',
      'import-x/no-cycle': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-misused-promises': [
        'error',
        { checksVoidReturn: { attributes: false } },
      ],
      // TanStack Router navigates by throwing what redirect() and notFound() return.
      '@typescript-eslint/only-throw-error': [
        'error',
        {
          allow: [
            {
              from: 'package',
              package: '@tanstack/router-core',
              name: ['Redirect', 'NotFoundError'],
            },
          ],
        },
      ],
      'jsx-a11y/no-autofocus': 'off',
      'no-restricted-syntax': ['error', ...visibleText],
      'import-x/no-restricted-paths': [
        'error',
        {
          zones: [
            ...features.map((name) => ({
              target: `./src/features/${name}`,
              from: './src/features',
              except: [`./${name}`],
            })),
            { target: './src/features', from: ['./src/app', './src/routes'] },
            {
              target: ['./src/ui', './src/lib', './src/api'],
              from: ['./src/features', './src/app', './src/routes'],
            },
            { target: ['./src/lib', './src/api'], from: './src/ui' },
          ],
        },
      ],
    },
  },
  {
    files: ['src/**/*.test.{ts,tsx}', 'src/testing/**'],
    rules: { 'no-restricted-syntax': 'off', 'max-statements': 'off' },
  },
);
