/** The text of an integer program in the LP format of CPLEX, built term by term. */

/** A sum: coefficients by column. */
export type Sum = ReadonlyMap<string, number>;

export class ProgramText {
  readonly #rows: string[] = [];
  readonly #bounds: string[] = [];
  readonly #whole: string[] = [];
  readonly #binary: string[] = [];

  /** A whole number from 0 to `most`. */
  whole(name: string, most: number): string {
    this.#whole.push(name);
    if (Number.isFinite(most)) this.#bounds.push(` 0 <= ${name} <= ${most}`);
    return name;
  }

  /** 0 or 1. */
  binary(name: string): string {
    this.#binary.push(name);
    return name;
  }

  /** Any number that is not negative. */
  real(name: string): string {
    return name;
  }

  row(sum: Sum, relation: '<=' | '>=' | '=', bound: number): void {
    const terms = termsOf(sum);
    // a row of nothing says something only when it cannot be
    if (terms === '') {
      const holds = relation === '<=' ? bound >= -1e-9 : relation === '>=' ? bound <= 1e-9 : Math.abs(bound) <= 1e-9;
      if (holds) return;
      this.#rows.push(` ${this.real('nothing')} ${relation} ${bound}`, ' nothing = 0');
      return;
    }
    this.#rows.push(` ${terms} ${relation} ${numeral(bound)}`);
  }

  /** The program that makes the sum as small as may be. */
  minimising(sum: Sum): string {
    const objective = termsOf(sum);
    const parts = [
      'Minimize',
      ` ${objective === '' ? '0 nothing' : objective}`,
      'Subject To',
      ...(this.#rows.length === 0 ? [' nothing >= 0'] : this.#rows),
      'Bounds',
      ...this.#bounds,
      ...(this.#whole.length === 0 ? [] : ['General', ...this.#whole.map((name) => ` ${name}`)]),
      ...(this.#binary.length === 0 ? [] : ['Binary', ...this.#binary.map((name) => ` ${name}`)]),
      'End',
    ];
    return `${parts.join('\n')}\n`;
  }
}

const termsALine = 12;

function termsOf(sum: Sum): string {
  const terms = [...sum].filter(([, factor]) => factor !== 0).map(([name, factor]) => `${sign(factor)} ${name}`);
  const lines: string[] = [];
  for (let at = 0; at < terms.length; at += termsALine) lines.push(terms.slice(at, at + termsALine).join(' '));
  return lines.join('\n  ');
}

function sign(factor: number): string {
  return factor < 0 ? `- ${numeral(-factor)}` : `+ ${numeral(factor)}`;
}

/** Plain decimals: the format has no room for doubt about exponents. */
function numeral(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(15)));
}
