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

/** Prints each figure as it comes, beside the one that was committed and the ratio of the two. */
export class Sheet {
  readonly #figures: Record<string, number> = {};
  readonly #committed: Figures | undefined;

  constructor(committed: string) {
    this.#committed = existsSync(committed) ? JSON.parse(readFileSync(committed, 'utf8')) : undefined;
    if (this.#committed !== undefined)
      console.log(
        `beside: ${this.#committed.at}, Node.js ${this.#committed.node}, ${this.#committed.machine}`,
      );
  }

  put(what: string, figure: number): void {
    this.#figures[what] = figure;
    const before = this.#committed?.figures[what];
    const beside =
      before === undefined || before === 0
        ? ''
        : `  (${before.toLocaleString('en')}, × ${(figure / before).toFixed(2)})`;
    console.log(`${what.padEnd(62)} ${figure.toLocaleString('en')}${beside}`);
  }

  write(path: string): void {
    mkdirSync(dirname(path), { recursive: true });
    const [cpu] = cpus();
    const sheet: Figures = {
      machine: `${cpus().length} × ${cpu?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
      node: process.versions.node,
      at: new Date().toISOString().slice(0, 10),
      figures: this.#figures,
    };
    writeFileSync(path, `${JSON.stringify(sheet, null, 2)}\n`);
    console.log(`written to ${path}`);
  }
}
