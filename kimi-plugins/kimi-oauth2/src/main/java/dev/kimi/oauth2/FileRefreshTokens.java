package dev.kimi.oauth2;

import dev.kimi.error.AuthenticationException;
import dev.kimi.error.KimiException;
import dev.kimi.time.Timer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A refresh token in a file. What it does with files it does on the common pool. */
final class FileRefreshTokens implements RefreshTokenStore {

    private static final int MAX_FILE_BYTES = 64 << 10;

    private final Path file;
    private final Timer timer;

    FileRefreshTokens(Path file, Timer timer) {
        this.file = file.toAbsolutePath();
        this.timer = timer;
    }

    @Override
    public CompletionStage<Void> rotate(Function<@Nullable RefreshToken, CompletionStage<RefreshToken>> exchange) {
        return new FileTurn(beside(".lock"), timer)
                .begin()
                .thenComposeAsync(turn -> inTurn(exchange).whenComplete((done, failure) -> turn.close()));
    }

    private CompletionStage<Void> inTurn(Function<@Nullable RefreshToken, CompletionStage<RefreshToken>> exchange) {
        Path next = beside(".next");
        RefreshToken stored;
        try {
            stored = read();
            // what cannot be written must show before the stored token is spent
            create(next);
        } catch (IOException e) {
            return CompletableFuture.failedFuture(failure("cannot be used", e));
        }
        return CompletableFuture.completedFuture(stored)
                .thenCompose(exchange)
                .thenAcceptAsync(issued -> {
                    if (issued != stored) {
                        replace(next, issued);
                    }
                })
                .whenComplete((done, failure) -> discard(next));
    }

    /** What is wrong with the file as it is now, or null; a file that is not there yet is none. */
    @Nullable String problem() {
        try {
            if (!Files.isDirectory(parent())) {
                return "is in a folder that does not exist";
            }
            read();
            return null;
        } catch (IOException e) {
            return "cannot be read (" + e.getClass().getSimpleName() + ")";
        } catch (AuthenticationException e) {
            return "may be read by others than its owner";
        }
    }

    private @Nullable RefreshToken read() throws IOException {
        try {
            if (OwnerOnly.isOpenToOthers(file)) {
                throw new AuthenticationException(
                        "The file of the refresh token, " + file + ", may be read by others than its owner. Allow"
                                + " nobody else to (chmod 600), and log in again if others had access.",
                        KimiException.Details.NONE,
                        null);
            }
            if (Files.size(file) > MAX_FILE_BYTES) {
                throw new IOException("larger than " + MAX_FILE_BYTES + " bytes");
            }
            String text = Files.readString(file, StandardCharsets.US_ASCII).strip();
            return text.isEmpty() ? null : RefreshToken.of(text);
        } catch (NoSuchFileException e) {
            return null;
        } catch (IllegalArgumentException e) {
            throw new IOException("no refresh token alone in one line");
        }
    }

    private static void create(Path next) throws IOException {
        // left over from a process that was killed
        Files.deleteIfExists(next);
        FileChannel.open(
                        next,
                        EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        OwnerOnly.attributes(next))
                .close();
    }

    private void replace(Path next, RefreshToken issued) {
        char[] characters = issued.toCharArray();
        byte[] bytes = new byte[characters.length + 1];
        for (int i = 0; i < characters.length; i++) {
            bytes[i] = (byte) characters[i];
        }
        bytes[characters.length] = '\n';
        Arrays.fill(characters, ' ');
        try (FileChannel channel = FileChannel.open(next, StandardOpenOption.WRITE)) {
            ByteBuffer left = ByteBuffer.wrap(bytes);
            while (left.hasRemaining()) {
                channel.write(left);
            }
            channel.force(true);
            Files.move(next, target(), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw failure("could not be replaced, and the token in it has been used: log in again", e);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
        try (FileChannel folder = FileChannel.open(target().getParent(), StandardOpenOption.READ)) {
            folder.force(true);
        } catch (IOException unsupported) {
            // not everywhere can a folder be opened; the file itself is on the disk
        }
    }

    private static void discard(Path next) {
        try {
            Files.deleteIfExists(next);
        } catch (IOException e) {
            // empty or moved; the next one deletes it
        }
    }

    private AuthenticationException failure(String what, IOException cause) {
        return new AuthenticationException(
                "The file of the refresh token, " + file + ", " + what + " ("
                        + cause.getClass().getSimpleName() + ").",
                KimiException.Details.NONE,
                null);
    }

    /** Behind a link, which a move onto it would replace. */
    private Path target() {
        try {
            return file.toRealPath();
        } catch (IOException notThereYet) {
            return file;
        }
    }

    private Path parent() {
        Path parent = target().getParent();
        return parent == null ? target() : parent;
    }

    private Path beside(String suffix) {
        return parent().resolve(target().getFileName() + suffix);
    }

    @Override
    public String toString() {
        return "FileRefreshTokens[" + file + "]";
    }
}
