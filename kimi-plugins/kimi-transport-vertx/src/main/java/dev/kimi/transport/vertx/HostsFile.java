package dev.kimi.transport.vertx;

import io.netty.resolver.HostsFileEntriesProvider;
import io.netty.util.NetUtil;
import java.io.File;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The system's own list of names, read again whenever it has changed. Thread-safe. */
final class HostsFile {

    private final File file;
    private long modified = -1;
    private long length = -1;
    private Map<String, List<InetAddress>> v4 = Map.of();
    private Map<String, List<InetAddress>> v6 = Map.of();

    HostsFile(File file) {
        this.file = file;
    }

    static HostsFile system() {
        String windows = System.getenv("SystemRoot");
        return new HostsFile(new File(
                File.separatorChar == '\\' && windows != null
                        ? windows + "\\System32\\drivers\\etc\\hosts"
                        : "/etc/hosts"));
    }

    /** All addresses of the name, of both families; none if it is not listed. */
    synchronized List<InetAddress> find(String host) {
        refresh();
        String name = host.toLowerCase(Locale.ROOT);
        List<InetAddress> found = new ArrayList<>(v4.getOrDefault(name, List.of()));
        found.addAll(v6.getOrDefault(name, List.of()));
        if (found.isEmpty() && name.equals("localhost")) {
            return List.of(NetUtil.LOCALHOST4, NetUtil.LOCALHOST6);
        }
        return found;
    }

    private void refresh() {
        long nowModified = file.lastModified();
        long nowLength = file.length();
        if (nowModified != modified || nowLength != length) {
            modified = nowModified;
            length = nowLength;
            HostsFileEntriesProvider entries =
                    HostsFileEntriesProvider.parser().parseSilently(file, StandardCharsets.UTF_8);
            v4 = entries.ipv4Entries();
            v6 = entries.ipv6Entries();
        }
    }
}
