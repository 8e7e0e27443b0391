import Testing
import Values

@Suite struct HistogramTests {
  @Test func countsValuesByTheFirstBoundThatHoldsThem() {
    var histogram = Histogram(bounds: Histogram.bounds(from: 1, times: 2, count: 3))
    for value in [0.5, 1, 1.5, 4, 4.1] { histogram.observe(value) }
    #expect(histogram.bounds == [1, 2, 4])
    #expect(histogram.counts == [2, 1, 1, 1])
    #expect(histogram.count == 5 && histogram.sum == 11.1)
  }
}
