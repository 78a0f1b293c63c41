/**
 * Seconds. No function runs longer that puts policies on a role which is in use, or makes what somebody logs on with: whoever began
 * earlier is not at it any more. Source: timeouts in `s.yaml`.
 */
export const LONGEST_CHANGE_SECONDS = 300;
