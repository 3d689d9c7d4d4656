"""The health check of a service's container: ends with 0 if the service is ready. A bare socket: it runs every few seconds."""
import socket
import sys

with socket.create_connection(("127.0.0.1", 8000), 2) as service:
    service.sendall(b"GET /health/ready HTTP/1.0\r\n\r\n")
    sys.exit(b" 200 " not in service.recv(99))
