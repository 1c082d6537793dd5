export { breakingChanges, checkCallers } from './diff/check-callers.ts';
export { diffVersions, type VersionDiff } from './diff/diff-versions.ts';
export type { VersionChange } from './diff/signature-changes.ts';
export { promptOfChat } from './exchange/chat-prompt.ts';
export { fromLangfusePrompt, type LangfusePrompt, toLangfusePrompt } from './exchange/langfuse-prompt.ts';
export type { DirectRequest, FindVersion, Flavor, FlavorContext, Prediction } from './flavor.ts';
export type { Condition, Step } from './flavors/chain/index.ts';
export { flavorOf, flavors, modelDefinition, versionHash } from './flavors.ts';
export { asksHostedTools } from './hosted-tools.ts';
export { ownRequest } from './own-request.ts';
export { readInvocations, writePredictions } from './package/invocations.ts';
export {
  filesOfPackage,
  type ModelPackage,
  type PackagedVersion,
  type PackageFile,
  packageFiles,
  packageManifest,
  readPackage,
} from './package/model-package.ts';
export { predict } from './predict.ts';
export { type ChatRequest, parseChatRequest, prepareChat, type VendorChat } from './prepare-chat.ts';
export { asksOutside, checkVersion, findCircle, referencedVersions } from './references.ts';
export { checkInput, checkOutput, checkParameters, readOutput } from './signature.ts';
export { parseTemplate } from './template/parse-template.ts';
export { type ParsedVersion, parseVersion } from './version-file/parse-version.ts';
export { printVersion, type VersionContent } from './version-file/print-version.ts';
export { printYaml, readYaml } from './version-file/yaml.ts';
