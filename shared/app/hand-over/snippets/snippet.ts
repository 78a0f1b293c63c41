/** A file that the grantee can use as it is: a template with the right values in it. */
import type { KafkaGrant, RocketmqGrant } from '../../../domain/grant.js';
import type { HandOver } from '../hand-over.js';

export interface Snippet {
  /** What it is saved as. */
  readonly file: string;
  readonly language: 'js' | 'python' | 'java' | 'sh' | 'hcl';
  /** One sentence, for above it. */
  readonly about: string;
  readonly text: string;
}

/** A file for one grant. It is named when those of all grants are known, and Java's text holds the name. */
export interface Client extends Omit<Snippet, 'file' | 'text'> {
  readonly extension: 'mjs' | 'py' | 'java';
  /** Words of the file's name. */
  readonly name: readonly string[];
  /** What tells it from clients of the same name, the likeliest first; a word more is in the name for each that it takes. */
  readonly besides: readonly string[];
  text(name: string): string;
}

/** Of clients that send to a topic, or receive from it as a group. */
export const besidesOf = ({ topics, groups, region }: KafkaGrant | RocketmqGrant): readonly string[] => [
  topics?.[0] ?? '',
  groups?.[0] ?? '',
  region,
];

/** Where programs and commands find the ExternalId: it may be sealed, so it is in no file but the one that sets this. */
export const EXTERNAL_ID_VARIABLE = 'LEASE_EXTERNAL_ID';

/** STS answers in every region; programs use the one that their first resource is in. */
export const regionOf = ({ resources }: HandOver): string => {
  const [first] = resources.flatMap((grant) => ('region' in grant ? [grant.region] : []));
  return first ?? 'cn-hangzhou';
};

/** In single quotes, as a shell takes it unchanged. */
export const sh = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
/**
 * Begins a script of `aliyun` calls, however it is started: what fails ends it. `attempt` leaves the answer in `$reply`, and tells
 * what is not there from what could not be asked. The command asks nothing without a region, though these products have but one, so
 * keys in the environment would not do.
 */
export const SCRIPT_HEAD = `#!/bin/sh
set -eu
export ALIBABA_CLOUD_REGION_ID="\${ALIBABA_CLOUD_REGION_ID:-cn-hangzhou}" # where no profile names one
attempt() { # a call: 1 when what it names is not there; anything else that goes wrong is shown, and ends this
  if reply=$(aliyun "$@" 2>&1); then return 0; fi
  case $reply in *EntityNotExist*) return 1 ;; esac
  printf '%s\\n' "$reply" >&2
  exit 1
}`;
/** As JavaScript, Java and Python read it; what goes in here is printable ASCII, or a line of JSON. */
export const literal = (text: string): string => JSON.stringify(text);
/** In HCL `${` and `%{` begin templates. */
export const hcl = (text: string): string => JSON.stringify(text).replaceAll(/([$%])\{/g, '$1$1{');

/** A name that can stand in the name of a file and of a Java class. */
export const wordOf = (text: string): string =>
  text.replaceAll(/[^A-Za-z0-9]+/g, '-').replaceAll(/^-|-$/g, '');
