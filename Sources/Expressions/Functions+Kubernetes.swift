import Objects

/// What Kubernetes adds to the language: quantities, addresses, versions, URLs and the formats of its names.
extension Functions {
  static let quantities: Library = {
    let quantity = ValueType.named("Quantity")
    func compare(_ holds: @escaping @Sendable (Quantity, Quantity) -> Bool) -> [Function] {
      [.member([quantity, quantity], .bool) { .bool(holds($0[0].amount, $0[1].amount)) }]
    }
    return [
      "quantity": [
        .plain([.string], quantity) { arguments throws(EvaluationError) in
          guard let amount = Quantity(.string(arguments[0].text)) else {
            throw EvaluationError("quantities must match the regular expression")
          }
          return .quantity(amount)
        }
      ],
      "isQuantity": [.plain([.string], .bool) { .bool(Quantity(.string($0[0].text)) != nil) }],
      "isGreaterThan": compare { $0 > $1 }, "isLessThan": compare { $0 < $1 },
      "compareTo": [
        .member([quantity, quantity], .int) {
          .int($0[0].amount < $0[1].amount ? -1 : $0[0].amount == $0[1].amount ? 0 : 1)
        }
      ],
      "sign": [.member([quantity], .int) { .int(Int64($0[0].amount.nanos.signum())) }],
      "isInteger": [.member([quantity], .bool) { .bool($0[0].amount.nanos % 1_000_000_000 == 0) }],
      "asInteger": [.member([quantity], .int) { .int($0[0].amount.value) }],
      "asApproximateFloat": [.member([quantity], .double) { .double($0[0].amount.double) }],
      "add": [
        .member([quantity, quantity], quantity) { .quantity($0[0].amount + $0[1].amount) },
        .member([quantity, .int], quantity) { .quantity($0[0].amount + Quantity($0[1].whole)) },
      ],
      "sub": [
        .member([quantity, quantity], quantity) { .quantity($0[0].amount - $0[1].amount) },
        .member([quantity, .int], quantity) { .quantity($0[0].amount - Quantity($0[1].whole)) },
      ],
    ]
  }()

  static let addresses: Library = [
    "ip": [
      .plain([.string], .named("IP")) { arguments throws(EvaluationError) in
        guard let address = IPAddress(arguments[0].text) else {
          throw EvaluationError("IP Address \"\(arguments[0].text)\" parse error during conversion from string")
        }
        return .address(address)
      },
      .member([.named("CIDR")], .named("IP")) { .address($0[0].block.address) },
    ],
    "isIP": [.plain([.string], .bool) { .bool(IPAddress($0[0].text) != nil) }],
    "ip.isCanonical": [.plain([.string], .bool) { .bool(IPAddress($0[0].text)?.description == $0[0].text) }],
    "family": [.member([.named("IP")], .int) { .int($0[0].host.isIPv6 ? 6 : 4) }],
    "isUnspecified": [.member([.named("IP")], .bool) { .bool($0[0].host.isUnspecified) }],
    "isLoopback": [.member([.named("IP")], .bool) { .bool($0[0].host.isLoopback) }],
    "isLinkLocalUnicast": [.member([.named("IP")], .bool) { .bool($0[0].host.isLinkLocal) }],
    "isLinkLocalMulticast": [.member([.named("IP")], .bool) { .bool($0[0].host.isLinkLocalMulticast) }],
    "isGlobalUnicast": [
      .member([.named("IP")], .bool) { arguments in
        let host = arguments[0].host
        return .bool(!host.isUnspecified && !host.isLoopback && !host.isLinkLocal && !host.isLinkLocalMulticast)
      }
    ],
    "cidr": [
      .plain([.string], .named("CIDR")) { arguments throws(EvaluationError) in
        guard let block = CIDR(arguments[0].text) else {
          throw EvaluationError("network address parse error during conversion from string: \(arguments[0].text)")
        }
        return .range(block)
      }
    ],
    "isCIDR": [.plain([.string], .bool) { .bool(CIDR($0[0].text) != nil) }],
    "containsIP": [
      .member([.named("CIDR"), .named("IP")], .bool) { .bool(contains($0[0], $0[1].host.description)) },
      .member([.named("CIDR"), .string], .bool) { .bool(contains($0[0], $0[1].text)) },
    ],
    "containsCIDR": [
      .member([.named("CIDR"), .named("CIDR")], .bool) { .bool($0[0].block.contains($0[1].block)) },
      .member([.named("CIDR"), .string], .bool) { .bool(CIDR($0[1].text).map($0[0].block.contains) ?? false) },
    ],
    "prefixLength": [.member([.named("CIDR")], .int) { .int(Int64($0[0].block.length)) }],
    "masked": [.member([.named("CIDR")], .named("CIDR")) { .range($0[0].block.masked) }],
  ]

  private static func contains(_ block: Value, _ address: String) -> Bool {
    guard let host = IPAddress(address), let whole = CIDR("\(address)/\(host.bytes.count * 8)") else { return false }
    return block.block.contains(whole)
  }

  static let versions: Library = {
    let version = ValueType.named("Semver")
    func compare(_ holds: @escaping @Sendable (Int) -> Bool) -> [Function] {
      [.member([version, version], .bool) { .bool(holds($0[0].release.compare($0[1].release))) }]
    }
    return [
      "semver": [
        .plain([.string], version) { arguments throws(EvaluationError) in
          guard let release = SemanticVersion(arguments[0].text) else {
            throw EvaluationError("Invalid Semantic Version")
          }
          return .version(release)
        }
      ],
      "isSemver": [.plain([.string], .bool) { .bool(SemanticVersion($0[0].text) != nil) }],
      "major": [.member([version], .int) { .int(Int64($0[0].release.numbers[0])) }],
      "minor": [.member([version], .int) { .int(Int64($0[0].release.numbers[1])) }],
      "patch": [.member([version], .int) { .int(Int64($0[0].release.numbers[2])) }],
      "isGreaterThan": compare { $0 > 0 }, "isLessThan": compare { $0 < 0 },
      "compareTo": [.member([version, version], .int) { .int(Int64($0[0].release.compare($0[1].release))) }],
    ]
  }()

  static let urls: Library = {
    let url = ValueType.named("URL")
    func part(_ read: @escaping @Sendable (WebAddress) -> String) -> [Function] {
      [.member([url], .string) { .string(read($0[0].web)) }]
    }
    return [
      "url": [
        .plain([.string], url) { arguments throws(EvaluationError) in
          guard let address = WebAddress(arguments[0].text) else {
            throw EvaluationError("URL parse error during conversion from string: \(arguments[0].text)")
          }
          return .url(address)
        }
      ],
      "isURL": [.plain([.string], .bool) { .bool(WebAddress($0[0].text) != nil) }],
      "getScheme": part(\.scheme), "getHost": part(\.host), "getHostname": part(\.hostname), "getPort": part(\.port),
      "getEscapedPath": part(\.path),
      "getQuery": [
        .member([url], .map(.string, .list(.string))) { arguments in
          .map(arguments[0].web.query.map { (key: .string($0.key), value: .list($0.values.map(Value.string))) })
        }
      ],
    ]
  }()

  /// `format.dns1123Label().validate(text)`: absent when the text is good, else what is wrong with it.
  static let formats: Library = {
    var result: Library = [:]
    for (name, pattern) in patterns {
      result["format." + name] = [.plain([], .named("Format")) { _ in .format(pattern) }]
    }
    result["validate"] = [
      .member([.named("Format"), .string], .optional(.list(.string))) { arguments in
        guard case .format(let pattern) = arguments[0] else { return .optional(nil) }
        if TextPattern(pattern).matches(arguments[1].text) { return .optional(nil) }
        return .optional(.list([.string("must match \(pattern)")]))
      }
    ]
    return result
  }()

  private static let label = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
  private static let patterns = [
    "dns1123Label": "^\(label)$", "dns1123Subdomain": "^\(label)(\\.\(label))*$",
    "dns1035Label": "^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$",
    "qualifiedName": "^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$",
    "labelValue": "^(|[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)$",
    "uuid": "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", "byte": "^[A-Za-z0-9+/]*={0,2}$",
    "date": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "uri": "^[A-Za-z][A-Za-z0-9+.-]*:.*$",
    "datetime": "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9:.]+([Zz]|[+-][0-9]{2}:[0-9]{2})$",
  ]
}

extension Value {
  fileprivate var amount: Quantity { if case .quantity(let amount) = self { amount } else { .zero } }
  fileprivate var host: IPAddress { if case .address(let host) = self { host } else { IPAddress.none } }
  fileprivate var block: CIDR { if case .range(let block) = self { block } else { CIDR.none } }
  fileprivate var release: SemanticVersion { if case .version(let release) = self { release } else { .zero } }
  fileprivate var web: WebAddress { if case .url(let web) = self { web } else { .none } }
}
