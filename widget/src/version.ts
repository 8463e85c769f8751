/** The version of the package this script was built from. */
export const VERSION = '0.1.0';
