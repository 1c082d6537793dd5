export { type Asked, askedAgain, wordOverlap } from './asked-again.ts';
export { createLanguageDetector, type DetectedLanguage, knownLanguages } from './detect-language.ts';
export { findAbuse } from './find-abuse.ts';
export { findPii, type PiiFinding, type PiiKind, piiKinds } from './find-pii.ts';
export { findToxicity, type ToxicFinding, type ToxicKind, toxicKinds } from './find-toxicity.ts';
