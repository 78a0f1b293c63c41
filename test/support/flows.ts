/** Flows as they are deployed. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { OWNER, REGION } from './requests.js';

export interface FlowState {
  readonly Type: string;
  readonly Name: string;
  readonly Retry?: readonly { readonly Errors: readonly string[]; readonly MaxAttempts: number }[];
  readonly Catch?: readonly { readonly Next: string }[];
  readonly Branches?: readonly { readonly Next: string }[];
  readonly Next?: string;
  readonly Default?: string;
  readonly Processor?: FlowScope;
  readonly [other: string]: unknown;
}
export interface FlowScope {
  readonly StartAt: string;
  readonly States: readonly FlowState[];
}

const VALUES: Readonly<Record<string, string>> = { prefix: 'leasehold', region: REGION, account: OWNER };

/** `workflows/<name>.yaml`, filled in. */
export function deployedFlow(name: string): FlowScope {
  const text = readFileSync(new URL(`../../workflows/${name}.yaml`, import.meta.url), 'utf8');
  return parse(text.replace(/\$\{(\w+)\}/g, (_, one: string) => VALUES[one] ?? ''));
}
