/** How much of the long parts is shown; what a person needs least goes first when the body is too long. */
export interface BodyBudget {
  readonly withQueries: boolean;
  readonly withDetails: boolean;
  readonly rowsMax: number;
  readonly diffLinesMax: number;
  readonly diffColumnsMax: number;
}
