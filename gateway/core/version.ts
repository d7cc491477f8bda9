// Owns the version that gateway and command line say they have; a test holds it against package.json.

export const VERSION = '0.1.0';
