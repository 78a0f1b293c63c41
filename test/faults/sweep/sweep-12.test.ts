import { trySomeFlows } from './expect-sweep.js';

trySomeFlows(12);
