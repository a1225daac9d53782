/** Put in by the build; from the sources, as in tests, there is none. */
export const version: string = process.env['FLAPD_VERSION'] ?? '0.0.0-source';
