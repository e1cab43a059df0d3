// Fails when what a browser downloads grows past the budgets (kB, gzip -9) of the interface.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const BUDGET = { route: 260, css: 30, chunk: 350, charts: 310, editor: 135 };

const root = fileURLToPath(new URL('../../src/datelier/static/', import.meta.url));
const manifest = JSON.parse(readFileSync(`${root}manifest.json`, 'utf8'));

const sizes = new Map();
function kilobytes(file) {
  if (!sizes.has(file)) {
    sizes.set(file, gzipSync(readFileSync(root + file), { level: 9 }).length / 1000);
  }
  return sizes.get(file);
}

/** Every file that must be there before a module runs: itself and its static imports. */
function closure(key, seen = new Set()) {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const next of manifest[key].imports ?? []) closure(next, seen);
  return seen;
}

const total = (keys) => [...keys].reduce((sum, key) => sum + kilobytes(manifest[key].file), 0);

const keys = Object.keys(manifest);
const entry = keys.find((key) => manifest[key].isEntry);
const base = closure(entry);
const failures = [];

function check(name, size, budget) {
  const line = `${name.padEnd(44)} ${size.toFixed(1).padStart(7)} / ${budget} kB`;
  console.log(line);
  if (size > budget) failures.push(line);
}

check('shell (entry and what it imports)', total(base), BUDGET.route);
for (const key of keys.filter((name) => name.startsWith('src/routes/'))) {
  check(key, total(new Set([...base, ...closure(key)])), BUDGET.route);
}

const css = new Set(keys.flatMap((key) => manifest[key].css ?? []));
check(
  'css',
  [...css].reduce((sum, file) => sum + kilobytes(file), 0),
  BUDGET.css,
);

for (const key of keys.filter((name) => manifest[name].file.endsWith('.js'))) {
  if (kilobytes(manifest[key].file) > BUDGET.chunk / 2) {
    check(`chunk ${manifest[key].file}`, kilobytes(manifest[key].file), BUDGET.chunk);
  }
}

// A lazy library is found by the module that loads it; its weight is what the shell lacks.
const beyond = (key) => total([...closure(key)].filter((name) => !base.has(name)));
const lazy = { charts: /vega/, editor: /(sql-editor|codemirror)/ };
for (const [name, pattern] of Object.entries(lazy)) {
  for (const key of keys.filter((k) => manifest[k].isDynamicEntry && pattern.test(k))) {
    check(`${name}: ${key}`, beyond(key), BUDGET[name]);
  }
}

if (failures.length > 0) {
  console.error(`\nOver budget:\n${failures.join('\n')}`);
  process.exit(1);
}
