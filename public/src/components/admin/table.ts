export interface Column {
  key: string;
  label: string;
  /** Figures stand at the end of their column. */
  end?: boolean;
  /** Name that the list sorts by. */
  sort?: string;
}

export interface Filter {
  name: string;
  label: string;
  type?: "search" | "number" | "email" | "date";
  /** The values to choose from; left out: a field to type into. */
  options?: readonly { value: string; label: string }[];
}
