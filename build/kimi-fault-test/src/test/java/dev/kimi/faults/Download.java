package dev.kimi.faults;

import dev.kimi.KimiClient;
import dev.kimi.service.ServiceRequest;
import dev.kimi.service.ServiceStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;

/**
 * A program that reads a large body a byte at a time and prints how much there was of it, to be run with little heap.
 */
final class Download {

    private static final int PIECE = 1 << 10;

    private Download() {}

    public static void main(String[] arguments) throws IOException {
        TransportUnderTest transport = TransportUnderTest.valueOf(arguments[0]);
        long read = 0;
        CRC32 sum = new CRC32();
        try (KimiClient client = transport
                        .client()
                        .baseUrl(arguments[1])
                        .apiKey("sk-test")
                        .build();
                ServiceStream stream = client.exchangeStream(ServiceRequest.get(arguments[2]));
                InputStream body = stream.inputStream()) {
            byte[] piece = new byte[PIECE];
            for (int length = body.read(piece); length >= 0; length = body.read(piece)) {
                sum.update(piece, 0, length);
                read += length;
            }
        }
        System.out.println(read + " bytes " + Long.toHexString(sum.getValue()));
    }
}
