/** Who owns what is in an embedded cloud, and where. */
export const OWNER = '1000000000000001';
export const REGION = 'cn-hangzhou';
