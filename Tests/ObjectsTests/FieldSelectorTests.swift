import Objects
import Testing

@Suite struct FieldSelectorTests {
  @Test func parsesTerms() throws {
    let selector = try FieldSelector(parsing: "status.phase!=Pending,metadata.name==p1,spec.nodeName=")
    #expect(selector.description == "metadata.name=p1,spec.nodeName=,status.phase!=Pending")
    #expect(selector.requiredValue("metadata.name") == "p1")
    #expect(selector.requiredValue("status.phase") == nil)
    #expect(selector.matches { ["metadata.name": "p1", "status.phase": "Running"][$0] })
    #expect(!selector.matches { ["metadata.name": "p1", "status.phase": "Running", "spec.nodeName": "n"][$0] })
    #expect(try FieldSelector(parsing: "").isEmpty)
  }

  @Test func escapes() throws {
    let selector = try FieldSelector(parsing: #"a=x\,y\=z\\"#)
    #expect(selector.requirements == [.init(field: "a", isEqual: true, value: #"x,y=z\"#)])
    #expect(selector.description == #"a=x\,y\=z\\"#)
  }

  @Test(arguments: [
    ("bad", "invalid selector: 'bad'; can't understand 'bad'"),
    ("a=b=c", "invalid field selector: unescaped character in value: 61"),
    (#"a=b\n"#, #"invalid field selector: invalid escape sequence: \n"#),
    (#"a=b\"#, #"invalid field selector: invalid escape sequence: \"#),
  ])
  func refuses(_ text: String, _ message: String) {
    #expect(throws: SelectorError(message)) { try FieldSelector(parsing: text) }
  }
}
