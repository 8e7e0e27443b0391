import Storage

/// A watch, as `Cluster.watch` returns it: the API above reads it without knowing the store.
public typealias Subscription = Storage.Subscription

/// What a watch gives.
public typealias WatchEvent = Storage.WatchEvent
