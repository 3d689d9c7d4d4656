"""serve | api | consume | relay | deadlines | migrate"""
from chassis.run import main
from reporting.service import DECLARED

main(DECLARED)
