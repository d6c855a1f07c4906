package dev.kimi.gateway.key.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A small file that several processes read and write. A reader sees all of a version or all of the next; writers take
 * turns, by a lock on a file beside it. Only the owner may read it. Thread-safe; blocks.
 */
final class LockedFile {

    /** A lock on a file is the whole process's, so that threads of one have to take turns before. */
    private static final Map<Path, Object> TURNS = new ConcurrentHashMap<>();

    private final Path path;
    private final Object turn;

    LockedFile(Path path) {
        this.path = path.toAbsolutePath().normalize();
        this.turn = TURNS.computeIfAbsent(this.path, absolute -> new Object());
    }

    Path path() {
        return path;
    }

    /**
     * All of it, or null if there is no such file.
     *
     * @throws UncheckedIOException if it cannot be read
     */
    byte @Nullable [] read() {
        try {
            return Files.readAllBytes(path);
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            throw failed("read", e);
        }
    }

    /**
     * Replaces what is in it, nobody else doing so meanwhile.
     *
     * @param change gets what is in it, or null if there is no such file
     * @throws UncheckedIOException if it cannot be written; then it is as it was
     */
    void change(UnaryOperator<byte @Nullable []> change) {
        synchronized (turn) {
            try (FileChannel channel = FileChannel.open(
                            path.resolveSibling(path.getFileName() + ".lock"),
                            EnumSet.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                            ownersOnly());
                    FileLock lock = channel.lock()) {
                byte[] content = change.apply(read());
                if (content != null && lock.isValid()) {
                    write(content);
                }
            } catch (IOException e) {
                throw failed("written", e);
            }
        }
    }

    private void write(byte[] content) throws IOException {
        Path target = Files.exists(path) ? path.toRealPath() : path;
        Path next = target.resolveSibling(target.getFileName() + ".new");
        Files.deleteIfExists(next);
        try (FileChannel channel = FileChannel.open(
                next, EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), ownersOnly())) {
            ByteBuffer left = ByteBuffer.wrap(content);
            while (left.hasRemaining()) {
                channel.write(left);
            }
            channel.force(true);
        }
        Files.move(next, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static FileAttribute<?>[] ownersOnly() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }

    private UncheckedIOException failed(String what, IOException cause) {
        return Failures.of(path + " cannot be " + what + ": " + cause.getClass().getSimpleName() + ".");
    }
}
