package dev.kimi.starter.feign.internal;

import dev.kimi.starter.feign.internal.MultipartForm.FormPiece;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The pieces of a body one after the other, of which only the one that is read is open. */
final class FormStream extends InputStream {

    private final Iterator<FormPiece> rest;
    private @Nullable InputStream open;

    FormStream(List<FormPiece> pieces) {
        this.rest = pieces.iterator();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (open != null || rest.hasNext()) {
            InputStream piece = open == null ? rest.next().source().getInputStream() : open;
            open = piece;
            int read = piece.read(target, offset, length);
            if (read >= 0) {
                return read;
            }
            close();
        }
        return -1;
    }

    /** Closes the piece that is open. */
    @Override
    public void close() throws IOException {
        InputStream piece = open;
        open = null;
        if (piece != null) {
            piece.close();
        }
    }
}
