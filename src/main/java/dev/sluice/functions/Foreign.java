package dev.sluice.functions;

/** Names what people send by mistake, so that the answer can say "is a PNG image" instead of "unknown". */
final class Foreign {
    private Foreign() {}

    private record Mark(String kind, int... prefix) {}

    private static final Mark[] MARKS = {
        new Mark("a PNG image", 0x89, 'P', 'N', 'G'),
        new Mark("a JPEG image", 0xFF, 0xD8, 0xFF),
        new Mark("a GIF image", 'G', 'I', 'F', '8'),
        new Mark("a TIFF image", 'I', 'I', 0x2A, 0),
        new Mark("a TIFF image", 'M', 'M', 0, 0x2A),
        new Mark("a sound, film or WebP file", 'R', 'I', 'F', 'F'),
        new Mark("a sound file", 'I', 'D', '3'),
        new Mark("a sound file", 'O', 'g', 'g', 'S'),
        new Mark("a Linux program", 0x7F, 'E', 'L', 'F'),
        new Mark("a Windows program", 'M', 'Z', 0x90, 0),
        new Mark("a Java class", 0xCA, 0xFE, 0xBA, 0xBE),
        new Mark("a WebAssembly module", 0, 'a', 's', 'm'),
        new Mark("an empty ZIP archive", 'P', 'K', 5, 6),
        new Mark("a gzip archive", 0x1F, 0x8B),
        new Mark("a 7z archive", '7', 'z', 0xBC, 0xAF),
        new Mark("a RAR archive", 'R', 'a', 'r', '!', 0x1A),
        new Mark("an xz archive", 0xFD, '7', 'z', 'X', 'Z'),
        new Mark("a bzip2 archive", 'B', 'Z', 'h'),
        new Mark("a Zstandard archive", 0x28, 0xB5, 0x2F, 0xFD),
        new Mark("a SQLite database", 'S', 'Q', 'L', 'i', 't', 'e', ' ', 'f', 'o', 'r', 'm', 'a', 't'),
        new Mark("an RTF document", '{', '\\', 'r', 't', 'f'),
        new Mark("a PostScript file", '%', '!', 'P', 'S'),
    };

    /** Empty when the bytes start like none of these. */
    static String kindOf(byte[] bytes) {
        for (Mark mark : MARKS) {
            if (TextDecoder.startsWith(bytes, mark.prefix())) return mark.kind();
        }
        boolean film = bytes.length > 12 && bytes[4] == 'f' && bytes[5] == 't' && bytes[6] == 'y' && bytes[7] == 'p';
        return film ? "a film or HEIC image" : "";
    }
}
