/// Whether a peer takes more input. It is told from any thread that it may go on, even before it is known that it must
/// stop.
struct ReadingState {
  private(set) var isStopped = false
  private(set) var resumes = 0

  mutating func resume() {
    isStopped = false
    resumes += 1
  }

  /// Stops, unless `resume` came since the count was taken: the room that it told of is there already.
  mutating func stop(ifNoneSince count: Int) { if resumes == count { isStopped = true } }
}
