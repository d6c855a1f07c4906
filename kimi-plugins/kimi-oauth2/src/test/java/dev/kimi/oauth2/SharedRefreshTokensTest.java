package dev.kimi.oauth2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.time.Timer;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A refresh token that several processes use, or several copies of the library in one. */
@Timeout(120)
class SharedRefreshTokensTest {

    private static final int TURNS = 30;

    private final Timer timer = Timer.wheel("shared-refresh-tokens");
    private final List<Process> processes = new ArrayList<>();

    @TempDir
    private Path folder;

    private Path file;
    private Path spent;

    @BeforeEach
    void log_in() throws IOException {
        spent = Files.createDirectory(folder.resolve("spent"));
        file = folder.resolve("refresh-token");
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, "0");
    }

    @AfterEach
    void stop() {
        processes.forEach(Process::destroyForcibly);
        timer.close();
    }

    private Process start(String what) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Xshare:auto",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        SpendingProcess.class.getName(),
                        what,
                        file.toString(),
                        spent.toString(),
                        String.valueOf(TURNS))
                .redirectErrorStream(true)
                .start();
        processes.add(process);
        return process;
    }

    private static void awaitLine(BufferedReader output, String line) throws IOException {
        String read = output.readLine();
        while (read != null && !read.equals(line)) {
            read = output.readLine();
        }
        assertThat(read).isEqualTo(line);
    }

    private static void go(Process process) throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
    }

    private void assertSpentOnceEach(int turns) throws IOException {
        assertThat(file).hasContent(String.valueOf(turns));
        try (Stream<Path> tokens = Files.list(spent)) {
            assertThat(tokens.count()).isEqualTo(turns);
        }
    }

    @Test
    void two_processes_never_spend_one_refresh_token_both() throws Exception {
        List<Process> both = List.of(start("spend"), start("spend"));
        for (Process process : both) {
            awaitLine(process.inputReader(), "ready");
        }
        for (Process process : both) {
            go(process);
        }
        for (Process process : both) {
            awaitLine(process.inputReader(), "done");
            assertThat(process.waitFor()).isZero();
        }
        assertSpentOnceEach(2 * TURNS);
    }

    @Test
    void a_process_that_is_killed_in_its_turn_holds_nobody_up() throws Exception {
        Process killed = start("hold");
        awaitLine(killed.inputReader(), "ready");
        go(killed);
        awaitLine(killed.inputReader(), "holds");
        CompletableFuture<Void> other = RefreshTokenStore.file(file, timer)
                .rotate(SpendingProcess.spending(spent))
                .toCompletableFuture();
        assertThat(spent).as("while the other has its turn").isEmptyDirectory();

        killed.destroyForcibly();

        other.join();
        assertSpentOnceEach(1);
    }

    /** As two web applications of one server have. */
    @Test
    void two_copies_of_the_library_in_one_process_never_spend_one_refresh_token_both() throws Exception {
        List<Thread> threads = new ArrayList<>();
        List<Throwable> failures = new ArrayList<>();
        try (URLClassLoader one = copy();
                URLClassLoader other = copy()) {
            for (URLClassLoader loader : List.of(one, other)) {
                Class<?> copy = loader.loadClass(SpendingProcess.class.getName());
                assertThat(copy).isNotSameAs(SpendingProcess.class);
                Thread thread = new Thread(() -> {
                    try {
                        copy.getMethod("spend", Path.class, Path.class, int.class)
                                .invoke(null, file, spent, TURNS);
                    } catch (ReflectiveOperationException e) {
                        throw new IllegalStateException(e);
                    }
                });
                thread.setUncaughtExceptionHandler((failed, failure) -> failures.add(failure));
                threads.add(thread);
            }
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
        }
        assertThat(failures).isEmpty();
        assertSpentOnceEach(2 * TURNS);
    }

    private static URLClassLoader copy() throws MalformedURLException {
        List<URL> urls = new ArrayList<>();
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        for (String element : path.split(java.io.File.pathSeparator)) {
            urls.add(Path.of(element).toUri().toURL());
        }
        return new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }
}
