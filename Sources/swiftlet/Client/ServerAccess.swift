/// Where a cluster answers, and by what one is known there.
struct ServerAccess: Sendable, Equatable {
  /// `https://HOST[:PORT]`
  var url: String
  /// Who vouches for the server, in PEM; nil: whom the machine trusts.
  var authorityPEM: String?
  /// The name in the server's certificate, when it is not that of the URL.
  var serverName: String?
  /// Whoever answers is believed.
  var isUnchecked = false
  var token: String?
  /// Of the client, both in PEM.
  var certificatePEM: String?
  var keyPEM: String?
  /// Where all this stands, for messages.
  var source = ""

  /// Where kubectl looks, too, when nobody told it anything.
  static let usual = ServerAccess(url: "http://127.0.0.1:8080")
}
