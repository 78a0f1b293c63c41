/**
 * How far the clock of a caller may be off: beyond this RAM, STS and OSS refuse every call, so clocks of two functions are hardly further
 * apart. Sources: RAM "Common error codes" InvalidTimeStamp, OSS RequestTimeTooSkewed.
 */
export const MOST_SKEW_SECONDS = 15 * 60;
