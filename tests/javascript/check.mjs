// Checks the scripts of the page, each as Gradio runs it: the body of a function with these names.
// Usage: node check.mjs FOLDER_OF_SCRIPTS
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {Linter} from 'eslint';
import globals from 'globals';

const NAMES = ['element', 'props', 'trigger', 'server', 'watch', 'upload'];
const rules = {
  'no-undef': 'error',
  'no-redeclare': 'error',
  'no-dupe-keys': 'error',
  'no-unreachable': 'error',
  'no-const-assign': 'error',
  'no-self-assign': 'error',
  'no-var': 'error',
  'prefer-const': ['error', {destructuring: 'all'}],
  'eqeqeq': ['error', 'smart'],
  'use-isnan': 'error',
  'valid-typeof': 'error',
};
const folder = process.argv[2];
let wrong = 0;
for (const name of readdirSync(folder).sort()) {
  const body = readFileSync(join(folder, name), 'utf8');
  const shared = [...body.split('// --- shared ends ---')[0].matchAll(/^(?:async )?(?:function|const) (\w+)/gm)].map((found) => found[1]);
  const code = `export async function script(${NAMES.join(', ')}) {\n${body}\n}`;
  const pattern = `^(${['script', ...shared].join('|')})$`;
  const config = {
    languageOptions: {globals: globals.browser, sourceType: 'module'},
    rules: {...rules, 'no-unused-vars': ['error', {args: 'none', caughtErrors: 'none', varsIgnorePattern: pattern}]},
  };
  for (const message of new Linter().verify(code, config)) {
    wrong += 1;
    console.log(`${name}: ${message.message} (${message.ruleId}): ${code.split('\n')[message.line - 1].trim().slice(0, 120)}`);
  }
}
console.log(wrong ? `${wrong} problems in the scripts.` : 'The scripts are fine.');
process.exit(wrong ? 1 : 0);
