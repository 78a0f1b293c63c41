/**
 * How many items one execution of a flow takes in. CloudFlow ends an execution at its 5,000th event, wherever it stands, so a page is as
 * long as it may be where every item goes the longest way there is and every call fails as often as it is tried: nobody at a page's end
 * loses his turn by an outage that others have. Pure.
 */

/** Source: CloudFlow "Limits". */
const MOST_EVENTS = 5_000;
/** StepEntered, StepStarted, StepSucceeded or StepFailed, StepExited: all that a state can have, whichever of them CloudFlow writes. */
const A_STATE = 4;
/** TaskScheduled, TaskStarted, TaskFailed, and the StepFailed after which it is tried again. */
const A_TRY = 4;

/** What the longest way enters and tries. Counted in the flows by `test/workflow/full-pages.test.ts`. */
interface Way {
  readonly states: number;
  readonly tries: number;
}

const eventsOf = ({ states, tries }: Way): number => states * A_STATE + tries * A_TRY;

const pageOf = ({ around, item }: { readonly around: Way; readonly item: Way }): number =>
  Math.floor((MOST_EVENTS - eventsOf(around)) / eventsOf(item));

/** Of `expiry`: an item that is opened and handed over, each at the last try, and whose failure cannot be reported. */
export const DUE_PAGE = pageOf({ around: { states: 8, tries: 32 }, item: { states: 7, tries: 16 } });

/** Of `reconciliation`: an item that is looked at, cannot be suspended, and whose failure cannot be reported. */
export const DRIFT_PAGE = pageOf({ around: { states: 8, tries: 33 }, item: { states: 6, tries: 33 } });
