// Subtitles of a sound: browsers show none for it, so they are written below, in the language one chooses.

/** Follows the sound of a stage; until somebody chooses it is the reader's own language, where there is one. */
export function follow(stage) {
  const [tracks, said, choice] = [stage.querySelector("audio").textTracks, stage.querySelector(".cues"), stage.querySelector(".cues-choice select")];

  function write() {
    const lines = [...tracks].filter((track) => track.mode === "hidden").flatMap((track) => [...(track.activeCues ?? [])]);
    said.replaceChildren(...lines.map((cue) => {
      const line = document.createElement("span");
      line.append(cue.getCueAsHTML());
      return line;
    }));
  }

  function choose() {
    [...tracks].forEach((track, number) => (track.mode = String(number) === choice.value ? "hidden" : "disabled"));
    write();
  }

  for (const track of tracks) track.addEventListener("cuechange", write);
  choice.addEventListener("change", () => {
    said.ariaLive = "polite"; // read out only to whoever asked for them
    choose();
  });
  choose();
}
