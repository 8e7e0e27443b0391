import Testing

@testable import NodeAgent

@Suite struct ShellInputTests {
  @Test func muchInputComesInPieces() {
    var input = ShellInput()
    input.isOpen = true
    let text = String(repeating: "añ😀", count: 50_000)
    input.feed(text)
    var pieces: [String] = []
    while let piece = input.some() { pieces.append(piece) }
    #expect(pieces.allSatisfy { $0.utf8.count <= ShellInput.pieceBytes })
    #expect(pieces.count > 5)
    #expect(pieces.joined() == text)
    #expect(input.hunger == .some)
  }
}
