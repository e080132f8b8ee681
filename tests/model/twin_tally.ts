/** How often each shortcut was taken. */
export class TwinTally {
  firstJoins = 0;
  laterJoins = 0;
  handOvers = 0;
  lastHandOvers = 0;
  restores = 0;
}
