package dev.kimi.transport.vertx;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A name server on the loopback interface, over UDP and TCP (RFC 1035). */
final class DnsServer implements AutoCloseable {

    private static final int A = 1;
    private static final int CNAME = 5;
    private static final int AAAA = 28;
    private static final int TRUNCATED = 0x0200;
    private static final int NO_SUCH_NAME = 3;

    private final ServerSocket tcp;
    private final DatagramSocket udp;
    private final Map<String, List<Entry>> zone = new ConcurrentHashMap<>();
    private final List<String> queries = new CopyOnWriteArrayList<>();
    private volatile Fault fault = Fault.NONE;

    /** What the server does instead of responding properly. */
    enum Fault {
        NONE(0),
        SERVFAIL(2),
        SILENCE(0),
        SILENCE_ON_AAAA(0),
        TRUNCATION(0);

        private final int code;

        Fault(int code) {
            this.code = code;
        }
    }

    private record Entry(int type, int ttlSeconds, byte[] data, String target) {}

    private record Owned(String owner, Entry entry) {}

    DnsServer() throws IOException {
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        tcp = new ServerSocket(0, 10, loopback);
        udp = new DatagramSocket(tcp.getLocalPort(), loopback);
        start(this::serveUdp);
        start(this::serveTcp);
    }

    /** A resolver that asks this server and knows no hosts file. */
    DnsResolver resolver() {
        return new DnsResolver(new HostsFile(new File("target/no-hosts-file")), List.of((InetSocketAddress)
                udp.getLocalSocketAddress()));
    }

    /** From now on the name has these addresses, of either family. */
    DnsServer serve(String name, int ttlSeconds, String... addresses) throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (String address : addresses) {
            byte[] data = InetAddress.getByName(address).getAddress();
            entries.add(new Entry(data.length == 4 ? A : AAAA, ttlSeconds, data, name));
        }
        zone.put(name, entries);
        return this;
    }

    /** From now on the name is an alias of the other. */
    DnsServer alias(String name, int ttlSeconds, String target) throws IOException {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        writeName(new DataOutputStream(data), target);
        zone.put(name, List.of(new Entry(CNAME, ttlSeconds, data.toByteArray(), target)));
        return this;
    }

    /** From now on there is no such name. */
    void remove(String name) {
        zone.remove(name);
    }

    void fault(Fault next) {
        fault = next;
    }

    /** What has been queried so far, as "A name" or "AAAA name". */
    List<String> queries() {
        return List.copyOf(queries);
    }

    private void serveUdp() throws IOException {
        byte[] buffer = new byte[4096];
        while (true) {
            DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
            udp.receive(packet);
            byte[] query = new byte[packet.getLength()];
            System.arraycopy(buffer, 0, query, 0, query.length);
            byte[] response = respond(query, fault == Fault.TRUNCATION);
            if (response.length > 0) {
                udp.send(new DatagramPacket(response, response.length, packet.getSocketAddress()));
            }
        }
    }

    private void serveTcp() throws IOException {
        while (true) {
            try (Socket socket = tcp.accept()) {
                DataInputStream in = new DataInputStream(socket.getInputStream());
                byte[] response = respond(in.readNBytes(in.readUnsignedShort()), false);
                DataOutputStream out = new DataOutputStream(socket.getOutputStream());
                out.writeShort(response.length);
                out.write(response);
                out.flush();
            }
        }
    }

    private byte[] respond(byte[] query, boolean truncated) throws IOException {
        StringBuilder name = new StringBuilder();
        int at = 12;
        for (; query[at] != 0; at += 1 + query[at]) {
            name.append(name.length() == 0 ? "" : ".")
                    .append(new String(query, at + 1, query[at], StandardCharsets.US_ASCII));
        }
        int type = (query[at + 1] & 0xff) << 8 | query[at + 2] & 0xff;
        queries.add((type == A ? "A " : type == AAAA ? "AAAA " : type + " ") + name);
        Fault now = fault;
        if (now == Fault.SILENCE || (now == Fault.SILENCE_ON_AAAA && type == AAAA)) {
            return new byte[0];
        }
        List<Entry> known = zone.get(name.toString());
        boolean empty = truncated || now == Fault.SERVFAIL;
        List<Owned> answers = empty ? List.of() : answers(name.toString(), type);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.write(query, 0, 2);
        out.writeShort(0x8180 | (truncated ? TRUNCATED : 0) | (known == null ? NO_SUCH_NAME : now.code));
        out.writeShort(1);
        out.writeShort(answers.size());
        out.writeInt(0);
        out.write(query, 12, at + 5 - 12);
        for (Owned answer : answers) {
            writeName(out, answer.owner);
            out.writeShort(answer.entry.type);
            out.writeShort(1);
            out.writeInt(answer.entry.ttlSeconds);
            out.writeShort(answer.entry.data.length);
            out.write(answer.entry.data);
        }
        return bytes.toByteArray();
    }

    /** The records of the name, and of what it is an alias of. */
    private List<Owned> answers(String name, int type) {
        List<Owned> found = new ArrayList<>();
        for (Entry entry : zone.getOrDefault(name, List.of())) {
            if (entry.type == type) {
                found.add(new Owned(name, entry));
            } else if (entry.type == CNAME) {
                found.add(new Owned(name, entry));
                found.addAll(answers(entry.target, type));
            }
        }
        return found;
    }

    private static void writeName(DataOutputStream out, String name) throws IOException {
        for (String label : name.split("\\.")) {
            out.writeByte(label.length());
            out.writeBytes(label);
        }
        out.writeByte(0);
    }

    private interface Task {
        void run() throws IOException;
    }

    private static void start(Task task) {
        Thread thread = new Thread(() -> {
            try {
                task.run();
            } catch (IOException | UncheckedIOException closed) {
                // the test is over
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        udp.close();
        tcp.close();
    }
}
