import Values

extension RequestCounters {
  func write(to text: inout MetricsText) {
    text.family("apiserver_request_total", .counter, "Requests by verb, resource and code.")
    forEachSeries { labels, start in
      for (slot, code) in Slot.codes.enumerated() where cells[start + slot] > 0 {
        text.sample(
          "apiserver_request_total", [("code", code == 0 ? "other" : "\(code)"), Self.dryRun] + labels,
          cells[start + slot])
      }
    }
    text.family("apiserver_request_duration_seconds", .histogram, "Time to the answer, but for streams.")
    forEachSeries { labels, start in
      writeDurations("apiserver_request_duration_seconds", [Self.dryRun] + labels, start, &text)
    }
    text.family("apiserver_request_sli_duration_seconds", .histogram, "Time to the answer, but for streams, for SLOs.")
    forEachSeries { labels, start in writeDurations("apiserver_request_sli_duration_seconds", labels, start, &text) }
    text.family("apiserver_current_inflight_requests", .gauge, "Requests that wait for the store or other work.")
    text.sample(
      "apiserver_current_inflight_requests", [("request_kind", "mutating")], mutating.load(ordering: .relaxed))
    text.sample(
      "apiserver_current_inflight_requests", [("request_kind", "readOnly")], reading.load(ordering: .relaxed))
    text.family("apiserver_longrunning_requests", .gauge, "Watches and followed logs that are open.")
    forEachSeries { labels, start in
      let open = cells[start + Slot.open]
      if open > 0 { text.sample("apiserver_longrunning_requests", labels, open) }
    }
    writeEvents(to: &text)
  }

  private func writeEvents(to text: inout MetricsText) {
    let rows = rows
    let sizes = rows.indices.compactMap { row -> (Labels, Histogram)? in
      let start = start(row, StockVerb.watch)
      let histogram = Histogram(
        bounds: Slot.sizeBounds, counts: (0...Slot.sizeBounds.count).map { cells[start + Slot.firstSize + $0] },
        sum: Double(cells[start + Slot.sizeSum]))
      let row = rows[row]
      return histogram.count == 0
        ? nil : ([("group", row.group), ("resource", row.resource), ("version", row.version)], histogram)
    }
    text.family("apiserver_watch_events_total", .counter, "Events sent to watches.")
    for (labels, histogram) in sizes { text.sample("apiserver_watch_events_total", labels, histogram.count) }
    text.family("apiserver_watch_events_sizes", .histogram, "Bytes of the events sent to watches.")
    for (labels, histogram) in sizes { text.histogram("apiserver_watch_events_sizes", labels, histogram) }
  }

  private typealias Labels = [(name: String, value: String)]

  /// Dry runs are counted with the others.
  private static let dryRun = (name: "dry_run", value: "")

  private func forEachSeries(_ body: (Labels, Int) -> Void) {
    for (index, row) in rows.enumerated() {
      for (position, verb) in StockVerb.all.enumerated() {
        let start = start(index, position)
        guard (0..<Slot.codes.count).contains(where: { cells[start + $0] > 0 }) else { continue }
        body(
          [
            ("component", "apiserver"), ("group", row.group), ("resource", row.resource),
            ("scope", row.resource.isEmpty ? "" : verb.scope), ("subresource", row.subresource), ("verb", verb.name),
            ("version", row.version),
          ], start)
      }
    }
  }

  private func writeDurations(_ name: String, _ labels: Labels, _ start: Int, _ text: inout MetricsText) {
    let histogram = Histogram(
      bounds: Slot.bounds.map { Double($0) / 1_000_000 },
      counts: (0...Slot.bounds.count).map { cells[start + Slot.firstBucket + $0] },
      sum: Double(cells[start + Slot.sum]) / 1_000_000)
    if histogram.count > 0 { text.histogram(name, labels, histogram) }
  }
}
