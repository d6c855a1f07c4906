package dev.kimi.oauth2;

import dev.kimi.time.Timer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A process that uses a refresh token which others use too. Tokens are numbers, each followed by the next; a token that
 * was spent has a file, so that whoever spends it again fails.
 */
public final class SpendingProcess {

    private SpendingProcess() {}

    /** Arguments: spend or hold, the token's file, the folder of what is spent, number of turns. Waits for a line. */
    public static void main(String[] args) throws IOException {
        System.out.println("ready");
        if (System.in.read() < 0) {
            return;
        }
        if (args[0].equals("spend")) {
            spend(Path.of(args[1]), Path.of(args[2]), Integer.parseInt(args[3]));
            System.out.println("done");
            System.exit(0);
        }
        RefreshTokenStore.file(Path.of(args[1]), Timer.wheel("spending")).rotate(stored -> {
            System.out.println("holds");
            return new CompletableFuture<>();
        });
        if (System.in.read() < 0) {
            System.exit(1);
        }
    }

    public static void spend(Path file, Path spent, int turns) {
        Timer timer = Timer.wheel("spending");
        try {
            RefreshTokenStore store = RefreshTokenStore.file(file, timer);
            for (int turn = 0; turn < turns; turn++) {
                store.rotate(spending(spent)).toCompletableFuture().join();
            }
        } finally {
            timer.close();
        }
    }

    static Function<@Nullable RefreshToken, CompletionStage<RefreshToken>> spending(Path spent) {
        return stored -> CompletableFuture.supplyAsync(() -> {
            String token = new String(Objects.requireNonNull(stored).toCharArray());
            try {
                Files.createFile(spent.resolve(token));
            } catch (IOException e) {
                throw new UncheckedIOException("spent before: " + token, e);
            }
            return RefreshToken.of(String.valueOf(Integer.parseInt(token) + 1));
        });
    }
}
