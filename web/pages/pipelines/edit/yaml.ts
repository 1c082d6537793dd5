import { printYaml, readYaml } from '@wheelhouse/core/model';

/** A definition as text, and back. */
export const yaml = {
  print: (value: object): string => printYaml(value as Parameters<typeof printYaml>[0]),

  /** What a text says; a sentence where it cannot be read. */
  read(text: string): { value: unknown } | string {
    try {
      return { value: readYaml(text, 'These lines') };
    } catch (error) {
      return error instanceof Error ? error.message : 'It cannot be read.';
    }
  },
};

export type Yaml = typeof yaml;
