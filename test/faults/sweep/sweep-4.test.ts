import { describe, it } from 'vitest';
import { expectNoViolations } from './expect-sweep.js';
import { FLOWS } from './flows.js';

/** A quarter of the flows; the others are tried beside it. */
const flows = FLOWS.filter((_, index) => index % 4 === 3);

describe.each(flows)('$name', (flow) => {
  it(
    'keeps every promise and ends alike, whichever call goes wrong',
    () => expectNoViolations(flow),
    600_000,
  );
});
