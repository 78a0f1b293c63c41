/** What `npm run bench` measured: printed line by line, kept with machine and versions, compared with what was committed last. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname } from 'node:path';

export interface Figures {
  readonly machine: string;
  readonly node: string;
  readonly at: string;
  /** By what they are of, unit included. Those in time are medians. */
  readonly figures: Readonly<Record<string, number>>;
}

/** Of all benchmarks, by name: each was measured when it was, and where. */
type Book = Readonly<Record<string, Figures>>;
const readBook = (path: string): Book => (existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {});

const COMMITTED = 'shared/bench/figures.json';
const MEASURED = 'dist/bench/figures.json';

/** Prints each figure of one benchmark as it comes, beside the one that was committed and the ratio of the two. */
export class Sheet {
  readonly #figures: Record<string, number> = {};
  readonly #committed: Figures | undefined;

  constructor(private readonly benchmark: 'bench' | 'whole' | 'cold') {
    this.#committed = readBook(COMMITTED)[benchmark];
  }

  /** What the committed figures were measured on; nothing without any. */
  sayBeside(): void {
    const { at, node, machine } = this.#committed ?? {};
    if (at !== undefined) console.log(`beside: ${at}, Node.js ${node}, ${machine}`);
  }

  put(what: string, figure: number): void {
    this.keep(what, figure);
    const before = this.#committed?.figures[what];
    const beside =
      before === undefined || before === 0
        ? ''
        : `  (${before.toLocaleString('en')}, × ${(figure / before).toFixed(2)})`;
    console.log(`${what.padEnd(62)} ${figure.toLocaleString('en')}${beside}`);
  }

  /** As `put`, for what is printed otherwise. */
  keep(what: string, figure: number): void {
    this.#figures[what] = figure;
  }

  /** Beside those of other benchmarks; with `--keep` where they are committed. */
  write(): void {
    const path = process.argv.includes('--keep') ? COMMITTED : MEASURED;
    const [cpu] = cpus();
    const sheet: Figures = {
      machine: `${cpus().length} × ${cpu?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
      node: process.versions.node,
      at: new Date().toISOString().slice(0, 10),
      figures: this.#figures,
    };
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${JSON.stringify({ ...readBook(path), [this.benchmark]: sheet }, null, 2)}\n`);
    console.log(`written to ${path}`);
  }
}
