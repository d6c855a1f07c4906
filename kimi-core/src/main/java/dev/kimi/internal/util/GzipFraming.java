package dev.kimi.internal.util;

/** What stands around the data of gzip (RFC 1952, section 2.3), read byte by byte. */
final class GzipFraming {

    private static final int HAS_CHECKSUM = 2;
    private static final int HAS_EXTRA = 4;
    private static final int HAS_NAME = 8;
    private static final int HAS_COMMENT = 16;
    private static final int RESERVED = 0xE0;
    private static final int DEFLATE = 8;
    private static final int FIXED_LENGTH = 10;
    private static final int TRAILER_LENGTH = 8;

    /** In the order in which they come. */
    private enum Part {
        FIXED,
        EXTRA_LENGTH,
        EXTRA,
        NAME,
        COMMENT,
        CHECKSUM,
        DATA,
        TRAILER
    }

    private Part part = Part.FIXED;
    private int flags;
    /** Bytes of the part that have been read. */
    private int read;

    private int extraLength;
    private long trailer;

    /** Whether what follows is for the inflater. */
    boolean isData() {
        return part == Part.DATA;
    }

    /** Whether the body may end here. */
    boolean isBetweenMembers() {
        return part == Part.FIXED && read == 0;
    }

    void dataEnded() {
        begin(Part.TRAILER);
    }

    /**
     * Reads one byte that is not data.
     *
     * @param crc checksum of what was unpacked
     * @param size number of bytes that were
     * @return true at the end of the trailer, after which another member may follow
     */
    boolean read(byte next, long crc, long size) {
        int value = next & 0xFF;
        switch (part) {
            case FIXED -> fixed(value);
            case EXTRA_LENGTH -> {
                extraLength |= value << (8 * read++);
                if (read == 2) {
                    begin(extraLength > 0 ? Part.EXTRA : afterExtra());
                }
            }
            case EXTRA -> {
                if (++read == extraLength) {
                    begin(afterExtra());
                }
            }
            case NAME -> {
                if (value == 0) {
                    begin(afterName());
                }
            }
            case COMMENT -> {
                if (value == 0) {
                    begin(afterComment());
                }
            }
            case CHECKSUM -> {
                if (++read == 2) {
                    begin(Part.DATA);
                }
            }
            case TRAILER -> {
                return trailer(value, crc, size);
            }
            case DATA -> throw new IllegalStateException("data is for the inflater");
        }
        return false;
    }

    private void fixed(int value) {
        boolean good = switch (read) {
            case 0 -> value == 0x1F;
            case 1 -> value == 0x8B;
            case 2 -> value == DEFLATE;
            case 3 -> (value & RESERVED) == 0;
            default -> true;
        };
        if (!good) {
            throw new Gunzip.BadBody("is no gzip");
        }
        if (read == 3) {
            flags = value;
        }
        if (++read == FIXED_LENGTH) {
            extraLength = 0;
            begin((flags & HAS_EXTRA) != 0 ? Part.EXTRA_LENGTH : afterExtra());
        }
    }

    private Part afterExtra() {
        return (flags & HAS_NAME) != 0 ? Part.NAME : afterName();
    }

    private Part afterName() {
        return (flags & HAS_COMMENT) != 0 ? Part.COMMENT : afterComment();
    }

    private Part afterComment() {
        return (flags & HAS_CHECKSUM) != 0 ? Part.CHECKSUM : Part.DATA;
    }

    private boolean trailer(int value, long crc, long size) {
        trailer |= (long) value << (8 * read++);
        if (read < TRAILER_LENGTH) {
            return false;
        }
        if ((trailer & 0xFFFF_FFFFL) != crc || trailer >>> 32 != (size & 0xFFFF_FFFFL)) {
            throw new Gunzip.BadBody("fails its checksum");
        }
        begin(Part.FIXED);
        return true;
    }

    private void begin(Part next) {
        part = next;
        read = 0;
        trailer = 0;
    }
}
